-- These jobs of a block are sent at that moment, and not earlier.
create function jobport.send_at(of_block bigint, wanted bit varying, moment bigint) returns void language plpgsql as $$
begin
  perform jobport.unsend(of_block, wanted);
  insert into jobport.unsent (at, block, sending, jobs) values (moment, of_block, nextval('jobport.sendings')::text, wanted);
end
$$;
