-- Takes a finished job out of the row it ended in. Whoever watches may still have to be told of it.
create function jobport.depart(wanted bigint, of_queue integer, id text) returns void language sql as $$
  update jobport.endings e set
    jobs = e.jobs & ~jobport.bit_of(wanted),
    size = e.size - 1,
    resulted = e.resulted & ~jobport.bit_of(wanted),
    results = case when jobport.has(e.resulted, wanted)
      then e.results[:jobport.rank_of(e.resulted, wanted) - 1] || e.results[jobport.rank_of(e.resulted, wanted) + 1:] else e.results end,
    departed = e.departed || id
  where e.queue = of_queue and e.state in (3, 4, 5) and e.block = wanted >> 8 and jobport.has(e.jobs, wanted)
$$;
