-- Whether a job is in a set of its block.
create function jobport.has(jobs bit varying, seq bigint) returns boolean language sql immutable as $$ select get_bit(jobs, (seq & 255)::integer) = 1 $$;
