-- The numbers of the jobs of a set, in ascending order.
create function jobport.seqs_of(block bigint, jobs bit varying) returns setof bigint language sql immutable as $$
  select (block << 8) + place from generate_series(0, 255) place where get_bit(jobs, place) = 1
$$;
