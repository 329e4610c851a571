-- Which of a set a job is, counted from 1.
create function jobport.rank_of(jobs bit varying, seq bigint) returns integer language sql immutable as $$
  select jobport.size_of(substring(jobs for (seq & 255)::integer + 1))
$$;
