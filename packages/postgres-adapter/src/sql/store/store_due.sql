-- Leases up to `most` jobs that must be sent now, those first whose time came first.
create function jobport.store_due(most integer, lease bigint)
returns table (key uuid, queue text, name text, payload text, extra text, rank integer) language plpgsql as $$
declare
  moment bigint := jobport.ms();
  numbers bigint[];
begin
  numbers := array(select u.seq from jobport.unsent u where u.at <= moment order by u.at limit most for update skip locked);
  -- Those that do not wait any more need not be sent.
  delete from jobport.unsent u where u.seq = any (numbers) and not exists (
    select from jobport.jobs j join jobport.kinds k on k.no = j.kind
    where j.seq = u.seq and (
      exists (select from jobport.later l where l.seq = u.seq)
      or exists (
        select from jobport.ready r
        where r.queue = k.queue and r.rank = coalesce(j.rank, 0) and r.line in (0, 1) and r.first = u.seq
      )
    )
  );
  update jobport.unsent u set at = jobport.after(moment, lease) where u.seq = any (numbers);
  return query
    select j.key, q.name, k.name, j.payload, j.extra, coalesce(j.rank, 0)
    from unnest(numbers) with ordinality as n (seq, i)
    join jobport.unsent u on u.seq = n.seq
    join jobport.jobs j on j.seq = n.seq join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    order by n.i;
end
$$;
