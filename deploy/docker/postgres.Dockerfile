# PostgreSQL, the same major version as the embedded one.
FROM postgres:18
ENV POSTGRES_USER=hotline POSTGRES_DB=hotline POSTGRES_INITDB_ARGS="--encoding=UTF8 --locale=C.UTF-8"
EXPOSE 5432
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["pg_isready", "-U", "hotline", "-d", "hotline"]
# Statements may hold personal data: they do not enter the log.
CMD ["postgres", "-c", "max_connections=200", "-c", "log_min_error_statement=panic"]
