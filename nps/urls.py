from nps import case_urls, public_urls, result_urls, survey_urls

app_name = "nps"
urlpatterns = [
    *public_urls.urlpatterns,
    *survey_urls.urlpatterns,
    *result_urls.urlpatterns,
    *case_urls.urlpatterns,
]
