-- The jobs with these keys, in stretches of numbers and places without a gap: what is between them may be a job that nobody asked for. Those of a stretch have all in common. `i`: the place of
-- the first.
create function jobport.stretches(
  keys uuid[], out i bigint, out low bigint, out high bigint, out rank integer, out enqueued_at bigint, out origin text
) returns setof record language plpgsql stable as $$
declare
  total integer := cardinality(keys);
  size bigint;
  upto bigint;
  more bigint;
begin
  i := 1;
  -- Mostly the jobs of a message follow each other, and those of the next message follow them: reading on from the first costs half of looking for each.
  while i <= total loop
    select j.seq, j.rank, j.enqueued_at, j.origin into low, rank, enqueued_at, origin from jobport.jobs j where j.key = keys[i];
    exit when not found;
    size := 0;
    loop
      select max(j.seq), count(*) into upto, more from jobport.jobs_from(low + size, low + least(total - i, size + 255)) j
      where j.key = keys[i + j.seq - low] and j.rank is not distinct from stretches.rank and j.origin is not distinct from stretches.origin
        and j.enqueued_at = stretches.enqueued_at;
      exit when more = 0 or upto - low >= size + more;
      size := size + more;
      exit when more < 256;
    end loop;
    exit when size < least(50, total - i + 1);
    high := low + size - 1;
    rank := coalesce(rank, 0);
    return next;
    i := i + size;
  end loop;
  if i > total then return; end if;

  return query
    select w.low - g.shift, w.low, w.high, coalesce(g.rank, 0), j.enqueued_at, g.origin
    from (
      select j.seq - u.i - stretches.i + 1 as shift, j.rank, j.origin, min(j.seq) as low, max(j.seq) as high, count(*) as size, array_agg(j.seq) as seqs
      from unnest(keys[stretches.i:]) with ordinality as u (key, i) join jobport.jobs j on j.key = u.key
      group by 1, 2, 3
    ) g cross join lateral (
      select g.low, g.high where g.size = g.high - g.low + 1
      union all
      select min(p.seq), max(p.seq)
      from (select s.seq, s.seq - row_number() over (order by s.seq) as part from unnest(g.seqs) s (seq)) p
      where g.size <= g.high - g.low
      group by p.part
    ) w cross join lateral jobport.job_at(w.low) j;
end
$$;
