import pytest

from chart import VALUES, rendered
from versions import NEWEST


@pytest.fixture(params=VALUES)
def values_name(request):
    return request.param


@pytest.fixture
def objects(values_name):
    """What one of the values files makes of the chart."""
    return rendered(values_name, NEWEST).objects
