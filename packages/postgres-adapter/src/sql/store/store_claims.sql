-- What this schema calls the claims that a broker has other tokens for: those that are going on, and those that a token has settled. No row for any other.
create function jobport.store_claims(wanted uuid[], tokens text[])
returns table (i bigint, no bigint, queue integer, attempt integer, claim text, seq bigint) language sql stable as $$
  select u.i, coalesce(l.no, e.no, r.no), k.queue, coalesce(l.attempt, e.attempt, r.attempt), u.token, j.seq
  from unnest(wanted, tokens) with ordinality as u (key, token, i)
  join jobport.jobs j on j.key = u.key
  join jobport.kinds k on k.no = j.kind
  left join lateral (
    select o.* from jobport.leases o where o.block = j.seq >> 8 and o.claim = u.token and jobport.has(o.jobs, j.seq) limit 1
  ) l on true
  left join lateral (
    select o.* from jobport.endings o
    where o.queue = k.queue and o.state in (3, 4, 5) and o.block = j.seq >> 8 and o.claim = u.token and jobport.has(o.jobs, j.seq) limit 1
  ) e on true
  left join jobport.returned r on r.seq = j.seq and r.claim = u.token
  where coalesce(l.no, e.no, r.no) is not null
$$;
