-- Leases up to `most` jobs that must be sent now, those first whose time came first.
create function jobport.store_due(most integer, lease bigint)
returns table (key uuid, queue text, name text, payload text, extra text, rank integer, sending text, origin text) language plpgsql as $$
declare
  moment bigint := jobport.ms();
  none constant bit varying := jobport.no_bits();
  room integer := most;
  ended record;
  unsent record;
  left_over bit varying;
  took bit varying;
  numbers bigint[];
  sendings text[];
begin
  -- Leases that ran out. Flag 32: that was seen, so a job is among the unsent ones once.
  for ended in
    select o.tid, o.block, o.jobs from jobport.queues q cross join lateral (
      select l.ctid as tid, l.block, l.jobs from jobport.leases l
      where l.queue = q.no and l.until <= moment and l.flags & 32 = 0
      order by l.until limit most for update skip locked
    ) o
  loop
    took := ended.jobs & ~coalesce((select bit_or(u.jobs) from jobport.unsent u where u.block = ended.block), none);
    if took <> none then
      insert into jobport.unsent (at, block, sending, jobs) values (moment, ended.block, nextval('jobport.sendings')::text, took);
    end if;
    update jobport.leases l set flags = l.flags | 32 where l.ctid = ended.tid;
  end loop;
  for unsent in
    select u.ctid as tid, u.* from jobport.unsent u where u.at <= moment order by u.at, u.block limit most for update skip locked
  loop
    exit when room <= 0;
    -- Those that do not wait any more need not be sent.
    select coalesce(bit_or(jobport.bit_of(w.seq)), none), coalesce(bit_or(jobport.bit_of(w.seq)) filter (where w.i <= room), none)
    into left_over, took
    from (
      select s.seq, row_number() over (order by s.seq) as i
      from jobport.seqs_of(unsent.block, unsent.jobs) s (seq) where jobport.still_waits(s.seq, moment)
    ) w;
    left_over := left_over & ~took;
    if took = none then
      delete from jobport.unsent u where u.ctid = unsent.tid;
      continue;
    end if;
    update jobport.unsent u set at = jobport.after(moment, lease), jobs = took where u.ctid = unsent.tid;
    if left_over <> none then
      insert into jobport.unsent (at, block, sending, jobs) values (unsent.at, unsent.block, unsent.sending, left_over);
    end if;
    room := room - jobport.size_of(took);
    numbers := numbers || array(select jobport.seqs_of(unsent.block, took));
    sendings := sendings || array_fill(unsent.sending, array[jobport.size_of(took)]);
  end loop;
  return query
    select j.key, q.name, k.name, j.payload, j.extra, coalesce(j.rank, 0), n.sending, j.origin
    from unnest(numbers, sendings) with ordinality as n (seq, sending, i)
    cross join jobport.job_at(n.seq) j join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    order by n.i;
end
$$;
