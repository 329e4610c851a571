insert into jobport_heads (queue, group_key, seq) values (?1, ?2, ?3) on conflict do update set seq = ?3
