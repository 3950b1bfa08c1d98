//! What people and machines read: terminal, JSON, coverage of the register.
