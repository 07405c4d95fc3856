"""The checks of `awe doctor`, one file an area. None starts, changes or writes anything."""
