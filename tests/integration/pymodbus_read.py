#!/usr/bin/python3
"""A client that is not ours: prints two holding registers from address 7 of unit 1, and what a hole answers.
argv: tcp PORT | rtu TERMINAL"""
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer

if sys.argv[1] == "tcp":
    client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[2]))
else:
    client = ModbusSerialClient(sys.argv[2], framer=ModbusRtuFramer, baudrate=9600, timeout=1)
assert client.connect()
print("registers", client.read_holding_registers(7, 2, slave=1).registers)
print("hole", client.read_holding_registers(900, 1, slave=1).exception_code)
print("written", client.write_coil(3, True, slave=1).isError(), client.read_coils(3, 1, slave=1).bits[0])
client.close()
