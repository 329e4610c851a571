insert into jobport_returned (seq, claim, attempt) values (?1, ?2, ?3)
on conflict (seq) do update set claim = ?2, attempt = ?3
