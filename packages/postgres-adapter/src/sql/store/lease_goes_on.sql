-- A lease that goes on though it was seen that it ran out (32): its jobs need not be sent.
create function jobport.lease_goes_on() returns trigger language plpgsql as $$
begin
  new.flags := new.flags & ~32;
  perform jobport.unsend(new.block, new.jobs);
  return new;
end
$$;
create trigger lease_goes_on before insert or update on jobport.leases for each row when (new.flags & 32 <> 0 and new.until > jobport.ms())
execute function jobport.lease_goes_on();
