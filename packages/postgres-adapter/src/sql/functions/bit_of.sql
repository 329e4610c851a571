-- The set, in its block, of one job.
create function jobport.bit_of(seq bigint) returns bit varying language sql immutable as $$
  select set_bit(('x' || repeat('0', 64))::bit varying, (seq & 255)::integer, 1)
$$;
