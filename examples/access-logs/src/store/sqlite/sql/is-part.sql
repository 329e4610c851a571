-- Whether every kept line of the file ?1 stands in the file ?2 as well, at the same place. By the primary key from line to line, up to the first that differs.
select not exists (
  select 1 from loaded_requests part
  where part.file = ?1
    and not exists (
      select 1 from loaded_requests whole
      where whole.file = ?2
        and whole.line = part.line
        and (whole.at, whole.id, whole.level, whole.method, whole.uri, whole.reqtime)
          is not distinct from (part.at, part.id, part.level, part.method, part.uri, part.reqtime)
    )
) as isPart
