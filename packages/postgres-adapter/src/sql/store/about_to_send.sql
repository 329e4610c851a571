-- Whoever calls this will send the jobs that are new in this transaction, unless their delay is longer.
create function jobport.about_to_send(hand_off bigint, grace bigint, origin text) returns void language sql as $$
  select set_config('jobport_schema.hand_off', hand_off::text, true), set_config('jobport_schema.grace', grace::text, true),
    set_config('jobport_schema.origin', origin, true)
$$;
