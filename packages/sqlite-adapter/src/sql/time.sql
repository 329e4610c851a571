select cast(round(unixepoch('subsec') * 1000) as integer)
