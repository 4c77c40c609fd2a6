// Filled by the capability that needs it first.
