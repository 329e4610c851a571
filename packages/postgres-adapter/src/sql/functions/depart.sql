-- Takes a finished job out of the row it ended in. Whoever watches may still have to be told of it.
create function jobport.depart(wanted bigint, of_queue integer, id text) returns void language sql as $$
  update jobport.endings e set
    seqs = array(select s from unnest(e.seqs) with ordinality as u (s, i) where s <> wanted order by u.i),
    results = case when e.results is not null then
      array(select u.r from unnest(e.seqs, e.results) with ordinality as u (s, r, i) where s <> wanted order by u.i) end,
    departed = e.departed || id
  where e.queue = of_queue and e.state in (3, 4, 5) and e.block = wanted >> 8 and wanted = any (e.seqs)
$$;
