from ..http.conftest import clock, desk, press

__all__ = ["clock", "desk", "press"]
