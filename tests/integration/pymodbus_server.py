#!/usr/bin/env python3
"""An independent Modbus partner for tests: pymodbus answering as any number of units.

Every table holds the same words from address 0 on: 630, 65534 (-2), 65538 as ABCD, 40.0 as float32 ABCD, CDAB, BADC
and DCBA, 1.5 as float64, then its own address up to 199; coils and discrete inputs are on at every third address.
Anything beyond answers with exception 02. Prints "ready" once it can be asked, and each write as "write 5=1".
"""

import argparse
import asyncio
import struct

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


def words_of(packed):
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


def swapped(words):
    return [(word & 0xFF) << 8 | word >> 8 for word in words]


def registers():
    forty = words_of(struct.pack(">f", 40.0))
    words = [630, 65534] + words_of(struct.pack(">I", 65538))
    words += forty + forty[::-1] + swapped(forty) + swapped(forty)[::-1]
    words += words_of(struct.pack(">d", 1.5))
    return words + list(range(len(words), 200))


class TellingUnit(ModbusSlaveContext):
    refuses_writes = False

    def setValues(self, fc_as_hex, address, values):
        print(f"write {address}={int(values[0])}", flush=True)
        if self.refuses_writes:
            raise RuntimeError("refused")  # answered with exception 04
        super().setValues(fc_as_hex, address, values)


def unit():
    bits = [address % 3 == 0 for address in range(200)]
    return TellingUnit(
        di=ModbusSequentialDataBlock(0, bits),
        co=ModbusSequentialDataBlock(0, list(bits)),
        ir=ModbusSequentialDataBlock(0, registers()),
        hr=ModbusSequentialDataBlock(0, registers()),
        zero_mode=True,
    )


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tcp", type=int, metavar="PORT", help="listen on 127.0.0.1:PORT")
    parser.add_argument("--rtu", metavar="PATH", help="serve RTU on this terminal")
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--parity", choices="NEO", default="N")
    parser.add_argument("--stop-bits", type=int, default=1)
    parser.add_argument("--units", default="1", help="e.g. 1,2,5; all others stay silent")
    parser.add_argument("--refuse-writes", action="store_true")
    options = parser.parse_args()
    TellingUnit.refuses_writes = options.refuse_writes
    context = ModbusServerContext(
        slaves={int(number): unit() for number in options.units.split(",")}, single=False
    )
    if options.tcp is not None:
        server = await StartAsyncTcpServer(
            context=context,
            address=("127.0.0.1", options.tcp),
            framer=ModbusSocketFramer,
            allow_reuse_address=True,
            ignore_missing_slaves=True,
            defer_start=True,
        )
        listening = asyncio.ensure_future(server.serve_forever())
        await server.serving
        print("ready", flush=True)
        await listening
    else:
        serving = StartAsyncSerialServer(
            context=context,
            port=options.rtu,
            baudrate=options.baud,
            parity=options.parity,
            stopbits=options.stop_bits,
            framer=ModbusRtuFramer,
            ignore_missing_slaves=True,
            timeout=0.05,
        )
        serving = asyncio.ensure_future(serving)
        await asyncio.sleep(0.2)  # the serial server of pymodbus 3.0 has no sign of its own that it listens
        print("ready", flush=True)
        await serving


asyncio.run(main())
