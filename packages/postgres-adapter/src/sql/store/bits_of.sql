-- The set, in a block, of the jobs from one to another.
create function jobport.bits_of(block bigint, low bigint, high bigint) returns bit varying language sql immutable as $$
  select jobport.bits(greatest(low - (block << 8), 0)::integer, least(high - (block << 8), 255)::integer)
$$;
