-- The moment at which a duration is over. Longer ones are taken as about 70,000 years: sums stay exact in every client.
create function jobport.after(moment bigint, duration bigint) returns bigint language sql immutable as
$$ select moment + least(duration, 2251799813685248) $$;
