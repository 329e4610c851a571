-- Leases up to `most` jobs that must be sent now, those first whose time came first.
create function jobport.store_due(most integer, lease bigint)
returns table (key uuid, queue text, name text, payload text, extra text, rank integer, sending text, origin text) language plpgsql as $$
declare
  moment bigint := jobport.ms();
  ended record;
  numbers bigint[];
begin
  -- Leases that ran out. Flag 32: that was seen, so the job is among the unsent ones once.
  for ended in
    select o.tid, o.block, o.jobs from jobport.queues q cross join lateral (
      select l.ctid as tid, l.block, l.jobs from jobport.leases l
      where l.queue = q.no and l.until <= moment and l.flags & 32 = 0
      order by l.until limit most for update skip locked
    ) o
  loop
    insert into jobport.unsent (seq, at, sending)
    select s, moment, nextval('jobport.sendings')::text from jobport.seqs_of(ended.block, ended.jobs) s
    on conflict (seq) do nothing;
    update jobport.leases l set flags = l.flags | 32 where l.ctid = ended.tid;
  end loop;
  numbers := array(select u.seq from jobport.unsent u where u.at <= moment order by u.at limit most for update skip locked);
  -- Those that do not wait any more need not be sent.
  delete from jobport.unsent u where u.seq = any (numbers) and not exists (
    select from jobport.job_at(u.seq) j join jobport.kinds k on k.no = j.kind
    where (
      exists (select from jobport.later l where l.seq = u.seq)
      or exists (select from jobport.ready r where r.queue = k.queue and r.rank = coalesce(j.rank, 0) and r.line = 0 and r.first = u.seq)
      or exists (select from jobport.ready r where r.queue = k.queue and r.rank = coalesce(j.rank, 0) and r.line = 1 and r.first = u.seq)
      or exists (
        select from jobport.leases l
        where l.queue = k.queue and l.until <= moment and l.flags & 32 <> 0 and l.block = u.seq >> 8 and jobport.has(l.jobs, u.seq)
      )
    )
  );
  update jobport.unsent u set at = jobport.after(moment, lease) where u.seq = any (numbers);
  return query
    select j.key, q.name, k.name, j.payload, j.extra, coalesce(j.rank, 0), u.sending, j.origin
    from unnest(numbers) with ordinality as n (seq, i)
    join jobport.unsent u on u.seq = n.seq
    cross join jobport.job_at(n.seq) j join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    order by n.i;
end
$$;
