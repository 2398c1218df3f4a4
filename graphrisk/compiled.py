"""One way to compile a loop: cached on disk, and free of the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

Loop = TypeVar("Loop", bound=Callable[..., object])

#: What builds instructions; numba gives it no types.
build: Any = cgutils

#: Columns as compiled loops take them.
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Shorts = NDArray[np.int16]
Places = NDArray[np.uint32]
SmallPlaces = NDArray[np.uint16]
Words = NDArray[np.uint64]
Codes = NDArray[np.int8]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers on its first call."""
    return cast(Loop, njit(cache=True, nogil=True)(loop))


# Single machine instructions, for compiled loops alone. Nothing checks an address: it must come
# from an array that is kept as long as it is used.


def _load(_typing: Any, _address: Any) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        word = context.get_value_type(types.uint64)
        return builder.load(builder.inttoptr(arguments[0], word.as_pointer()), align=1)

    return types.uint64(types.uint64), generate


def _store(_typing: Any, _address: Any, _word: Any) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        word = context.get_value_type(types.uint64)
        place = builder.inttoptr(arguments[0], word.as_pointer())
        builder.store(arguments[1], place, align=1)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64), generate


def _fold(_typing: Any, _a: Any, _b: Any) -> Any:  # noqa: ANN401
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        word, wide = build.ir.IntType(64), build.ir.IntType(128)
        product = builder.mul(*(builder.zext(factor, wide) for factor in arguments))
        upper = builder.lshr(product, build.ir.Constant(wide, 64))
        return builder.xor(builder.trunc(product, word), builder.trunc(upper, word))

    return types.uint64(types.uint64, types.uint64), generate


def _prefetch(_typing: Any, array: Any, index: Any) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        number, address = context.get_value_type(types.int32), build.voidptr_t
        kind = build.ir.FunctionType(build.ir.VoidType(), [address, number, number, number])
        prefetch = build.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        place = builder.bitcast(builder.gep(data, [arguments[1]]), address)
        # To be read, to be kept in all caches, and data rather than code.
        builder.call(prefetch, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


#: Read the eight bytes that begin at an address, whatever its alignment.
word_at = cast(Callable[[np.uint64], np.uint64], intrinsic(_load))
#: Write eight bytes at an address, whatever its alignment.
set_word_at = cast(Callable[[np.uint64, np.uint64], None], intrinsic(_store))
#: Multiply two words to twice their length, and take both halves together by exclusive or.
folded_product = cast(Callable[[np.uint64, np.uint64], np.uint64], intrinsic(_fold))
#: Ask for an element of an array that will be read soon, without waiting for it.
read_ahead = cast(Callable[[NDArray[Any], np.uint64], None], intrinsic(_prefetch))
