insert into jobport_meta (key, value) values ('schema', ?1) on conflict (key) do update set value = ?1
