//! Owns the tests of a sync as a whole: the simulator of many peers and one remote.
