//! The C exports over the model: pointers in, typed call, pointers out.
