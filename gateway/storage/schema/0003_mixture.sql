-- Sum of C_i / L_i of the agents at a workplace that act alike; NULL where a point belongs to no mixture.
ALTER TABLE exposure ADD COLUMN mixture_index REAL;
