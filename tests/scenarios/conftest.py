from tests.rooms.capture.conftest import door

__all__ = ["door"]
