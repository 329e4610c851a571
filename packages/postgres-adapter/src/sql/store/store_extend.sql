-- Lets leases end later. Answers for each 0 lost, 1 extended, 2 extended and someone asked to cancel the job.
create function jobport.store_extend(wanted uuid[], tokens text[], lease bigint) returns integer[] language plpgsql as $$
declare
  ends bigint := jobport.after(jobport.ms(), lease);
  answers integer[] := array_fill(0, array[cardinality(wanted)]);
  one record;
  held record;
begin
  for one in select c.* from jobport.store_claims(wanted, tokens) c order by c.seq, c.i loop
    select l.ctid as tid, l.flags into held from jobport.leases l where l.claim = one.claim and jobport.has(l.jobs, one.seq) for update;
    continue when not found;
    update jobport.leases l set until = ends, flags = held.flags & ~32 where l.ctid = held.tid;
    if held.flags & 32 <> 0 then
      delete from jobport.unsent u where u.seq = one.seq;
    end if;
    answers[one.i] := case when held.flags & 4 <> 0 then 2 else 1 end;
  end loop;
  return answers;
end
$$;
