insert into rejected_lines (file, line, reason, text)
select $1, * from unnest($2::integer[], $3::text[], $4::text[])
