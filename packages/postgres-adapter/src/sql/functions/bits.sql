-- The set of the jobs of a block from one to another, by their places in it.
create function jobport.bits(low integer, high integer) returns bit varying language sql immutable as $$
  select (('x' || repeat('f', 64))::bit varying >> low) & (('x' || repeat('f', 64))::bit varying << (255 - high))
$$;
