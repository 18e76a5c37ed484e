#!/usr/bin/python3
"""An RTU server that is not ours: pymodbus on the terminal argv[1], register n of unit 1 holds 1000 + n."""
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartSerialServer
from pymodbus.transaction import ModbusRtuFramer

# A block starts at 1 where zero_mode is off; with it the address is the one on the wire.
numbers = ModbusSequentialDataBlock(0, [1000 + n for n in range(200)])
bits = ModbusSequentialDataBlock(0, [n % 3 == 0 for n in range(200)])
unit = ModbusSlaveContext(di=bits, co=bits, hr=numbers, ir=numbers, zero_mode=True)
context = ModbusServerContext(slaves={1: unit}, single=False)
print("serving", flush=True)
StartSerialServer(context=context, framer=ModbusRtuFramer, port=sys.argv[1], baudrate=9600, timeout=0.005)
