-- Appends to what few jobs have, and keeps the newest.
create function jobport.note(of_seq bigint, error text, lines text[], progress text) returns void language sql as $$
  insert into jobport.notes as n (seq, errors, logs, progress)
  values (of_seq, case when error is not null then array[error] end, lines[greatest(cardinality(lines) - 99, 1):], note.progress)
  on conflict (seq) do update set
    errors = case when error is null then n.errors else (coalesce(n.errors, '{}') || error)[greatest(cardinality(coalesce(n.errors, '{}')) - 18, 1):] end,
    logs = case when lines is null then n.logs
      else (coalesce(n.logs, '{}') || lines)[greatest(cardinality(coalesce(n.logs, '{}')) + cardinality(lines) - 99, 1):] end,
    progress = coalesce(note.progress, n.progress)
$$;
