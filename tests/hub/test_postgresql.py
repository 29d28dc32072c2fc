"""A kept connection is looked at before it is used again."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to lose"),
]


def test_a_connection_that_lives_is_not_asked(django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with django_assert_num_queries(0):
        assert connection.is_usable()


def test_a_connection_the_server_has_ended_is_made_anew():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    other.close()
    assert not connection.is_usable()
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:  # the first of a request
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


def test_a_closed_connection_is_not_usable():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()  # what Django does with one that isn't


def test_plans_are_kept_for_what_comes_again():
    sql = "SELECT count(*) FROM hub_user WHERE is_active = %s"
    for _ in range(4):
        with connection.cursor() as cursor:
            cursor.execute(sql, [True])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%hub_user%"])
        assert cursor.fetchone()[0] >= 1
