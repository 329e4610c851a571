insert into uri_counts (file, day, uri, count)
select $1, * from unnest($2::date[], $3::text[], $4::bigint[])
