"""Runs a benchmark inside this interpreter, so that what is measured is the
interpreter as people run it, not a library of its own.

usage: python_host.py MODULE.so ARGUMENTS..."""
import ctypes
import gc
import sys

gc.set_threshold(0)  # nothing is collected unless asked for
gc.collect()
gc.freeze()  # the interpreter's own objects are not part of the measurement
arguments = [argument.encode() for argument in sys.argv[1:]]
module = ctypes.PyDLL(sys.argv[1])
sys.exit(module.bench_main(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments)))
