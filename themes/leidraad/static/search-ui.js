// Typed search; comes later.
