-- Drops some of what nobody needs to know any more. Answers when there is more to drop, at most a second from now.
create function jobport.clean(most integer, out moment bigint, out again bigint, out dropped integer) language plpgsql as $$
declare
  gone bigint[];
begin
  moment := jobport.ms();
  with old as (
    delete from jobport.endings e where e.ctid = any (array(
      select o.ctid from jobport.endings o where o.gone_at <= moment order by o.gone_at limit most for update skip locked
    ))
    returning e.block, e.jobs
  )
  select array_agg(s) into gone from old, jobport.seqs_of(old.block, old.jobs) s;
  dropped := coalesce(cardinality(gone), 0);
  if gone is not null then
    delete from jobport.jobs j using unnest(gone) s where j.seq >> 4 = s >> 4 and j.seq = s;
    if exists (select from jobport.notes) then
      delete from jobport.notes n where n.seq = any (gone);
    end if;
    if exists (select from jobport.returned) then
      delete from jobport.returned r where r.seq = any (gone);
    end if;
  end if;
  delete from jobport.uniques u where u.released and u.until <= moment;
  again := least((select min(e.gone_at) from jobport.endings e), moment + 1000);
end
$$;
