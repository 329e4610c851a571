-- Records new jobs; see add.
create function jobport.store_insert(
  hand_off bigint, grace bigint, origin text,
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[], ascending boolean
) returns text[] language plpgsql as $$
begin
  perform jobport.about_to_send(hand_off, grace, origin);
  return jobport.add(keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids, ascending);
end
$$;
