"""Memory that nothing uses any more."""

import ctypes


def give_back() -> None:
    """Give freed memory back to the system: Arrow and the GNU C library keep half a gigabyte of a season's frames."""
    import pyarrow as pa  # it takes long to import, and commands that read plain rows do without

    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
