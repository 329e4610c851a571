-- Enqueues those jobs of a batch that follow from one parent.
create function jobport.add_some(
  parent integer, parents integer[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns void language plpgsql as $$
begin
  select
    array_agg(f.key order by f.i), array_agg(coalesce(f.kind, kinds[1]) order by f.i), array_agg(f.payload order by f.i), array_agg(f.extra order by f.i),
    array_agg(f.rank order by f.i), array_agg(f.delay order by f.i), array_agg(f.grouped order by f.i),
    array_agg(f.uniq order by f.i), array_agg(f.hold order by f.i), array_agg(f.id order by f.i)
  into keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
  from unnest(parents, keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids)
    with ordinality as f (parent, key, kind, payload, extra, rank, delay, grouped, uniq, hold, id, i)
  where f.parent = add_some.parent;
  perform jobport.add(keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids, false);
end
$$;
