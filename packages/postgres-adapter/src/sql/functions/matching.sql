-- The numbers of up to `most` jobs of a queue in a state (1 waiting, 2 scheduled, 6 active, 3 to 5 finished), oldest first, after a number. `one_kind`: the kind.
create function jobport.matching(of_queue integer, wanted integer, one_kind integer, after_seq bigint, most integer)
returns setof bigint language plpgsql stable as $$
declare
  moment bigint := jobport.ms();
  ended record;
  last_block bigint;
  found_some bigint[] := '{}';
begin
  if wanted = 1 then
    return query
      select j.seq from jobport.ready r cross join jobport.jobs_from(greatest(r.next, after_seq + 1), r.last) j
      where r.queue = of_queue and r.last > after_seq and (one_kind is null or j.kind = one_kind)
      union all
      select l.seq from jobport.later l where l.queue = of_queue and l.due_at <= moment and l.seq > after_seq
        and (one_kind is null or one_kind = (select j.kind from jobport.job_at(l.seq) j))
      union all
      select h.seq from jobport.held h where h.queue = of_queue and coalesce(h.due_at, 0) <= moment and h.seq > after_seq
        and (one_kind is null or one_kind = (select j.kind from jobport.job_at(h.seq) j))
      order by 1 limit most;
  elsif wanted = 2 then
    return query
      select l.seq from jobport.later l where l.queue = of_queue and l.due_at > moment and l.seq > after_seq
        and (one_kind is null or one_kind = (select j.kind from jobport.job_at(l.seq) j))
      union all
      select h.seq from jobport.held h where h.queue = of_queue and h.due_at > moment and h.seq > after_seq
        and (one_kind is null or one_kind = (select j.kind from jobport.job_at(h.seq) j))
      order by 1 limit most;
  elsif wanted = 6 then
    return query
      select s from jobport.leases l, jobport.seqs_of(l.block, l.jobs) s
      where l.queue = of_queue and s > after_seq and (one_kind is null or one_kind = (select j.kind from jobport.job_at(s) j))
      order by 1 limit most;
  else
    for ended in
      select e.block, e.jobs from jobport.endings e
      where e.queue = of_queue and e.state = wanted and e.block >= after_seq >> 8 and e.keep_until > moment
      order by e.block
    loop
      exit when cardinality(found_some) >= most and ended.block <> last_block;
      last_block := ended.block;
      found_some := found_some || array(
        select s from jobport.seqs_of(ended.block, ended.jobs) s
        where s > after_seq and (one_kind is null or one_kind = (select j.kind from jobport.job_at(s) j))
      );
    end loop;
    return query select s from unnest(found_some) s order by 1 limit most;
  end if;
end
$$;
