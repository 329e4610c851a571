insert into jobport_notes (seq, errors, progress, logs) values (?1, ?2, ?3, ?4)
on conflict do update set errors = ?2, progress = ?3, logs = ?4
