-- Whether every kept line of the file $1 stands in the file $2 as well, at the same place. By the primary key from line to line, up to the first that differs.
select not exists (
  select from requests part
  where part.file = $1
    and not exists (
      select from requests whole
      where whole.file = $2
        and whole.line = part.line
        and (whole.at, whole.uri) = (part.at, part.uri)
        and (whole.id, whole.level, whole.method, whole.reqtime) is not distinct from (part.id, part.level, part.method, part.reqtime)
    )
) as "isPart"
