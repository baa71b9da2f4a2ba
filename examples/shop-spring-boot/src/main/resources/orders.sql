CREATE TABLE orders (
    number text PRIMARY KEY,
    cents integer NOT NULL CHECK (cents > 0),
    charged boolean NOT NULL DEFAULT false
);
