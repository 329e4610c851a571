-- After a job with a unique key or a group is finished: its key is free unless its time lasts, and the next of its group may start.
create function jobport.release(finished bigint, flags integer, moment bigint) returns void language plpgsql as $$
begin
  if flags & 1 <> 0 then
    delete from jobport.uniques u where u.seq = finished and u.until <= moment;
    if not found then
      update jobport.uniques u set released = true where u.seq = finished;
    end if;
  end if;
  if flags & 2 <> 0 then
    perform jobport.leave_group(finished, moment);
  end if;
end
$$;
