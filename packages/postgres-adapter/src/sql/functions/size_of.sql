-- How many jobs a set has.
create function jobport.size_of(jobs bit varying) returns integer language sql immutable as $$ select length(replace(jobs::text, '0', '')) $$;
