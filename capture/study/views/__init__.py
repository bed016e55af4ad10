"""Pages of studies: the list, the overview with its versions, the definition, the sites."""

from __future__ import annotations

from capture.study.banner import study_banner
from capture.study.views import definition, overview, site_acts, sites
from capture.study.views.blueprint import bp
from capture.web.layout import banners_come_from

banners_come_from(study_banner)

__all__ = ["bp", "definition", "overview", "site_acts", "sites"]
