-- The set of no job.
create function jobport.no_bits() returns bit varying language sql immutable as $$ select ('x' || repeat('0', 64))::bit varying $$;
